/** While a text is read; folded to what its grams need afterwards. */
const MOST_BITS = 2 ** 20;
const LEAST_BITS = 2 ** 12;
/** Of so many bits one is set at most: a pair or three letters that are not there then seem so in one of four cases. */
const BITS_PER_GRAM = 4;
/** The shortest text that can be ruled out. */
const SHORTEST = 2;

/**
 * Which pairs and threes of characters occur in a text, as bits under their hashes. A text that needs one that is not
 * there does not occur; the other way round nothing is said.
 */
export class GramSet {
  #bits: Uint32Array;

  /** `bytes` as `toBytes` wrote them, or nothing for an empty set. */
  constructor(bytes?: Uint8Array) {
    this.#bits = bytes === undefined ? new Uint32Array(MOST_BITS / 32) : new Uint32Array(aligned(bytes));
  }

  add(text: string): void {
    const bits = this.#bits;
    const mask = bits.length * 32 - 1;
    let [first, second] = [text.charCodeAt(0), text.charCodeAt(1)];
    if (text.length >= 2) set(bits, hashOf(0, first, second) & mask);
    for (let at = 2; at < text.length; at += 1) {
      const third = text.charCodeAt(at);
      set(bits, hashOf(0, second, third) & mask);
      set(bits, hashOf(first, second, third) & mask);
      first = second;
      second = third;
    }
  }

  /** False when the text cannot be there. */
  mayHold(text: string): boolean {
    if (text.length < SHORTEST) return true;
    if (text.length === SHORTEST) return this.#has(hashOf(0, text.charCodeAt(0), text.charCodeAt(1)));
    for (let at = 2; at < text.length; at += 1) {
      if (!this.#has(hashOf(text.charCodeAt(at - 2), text.charCodeAt(at - 1), text.charCodeAt(at))))
        return false;
    }
    return true;
  }

  /** As small as the grams allow. */
  toBytes(): Uint8Array {
    let bits = this.#bits;
    const wanted = Math.max(LEAST_BITS, BITS_PER_GRAM * count(bits));
    while (bits.length * 32 >= 2 * wanted) bits = folded(bits);
    return new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
  }

  #has(hash: number): boolean {
    const at = hash & (this.#bits.length * 32 - 1);
    return (((this.#bits[at >>> 5] ?? 0) >>> (at & 31)) & 1) === 1;
  }
}

function hashOf(first: number, second: number, third: number): number {
  const mixed = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca77) ^ Math.imul(third, 0xc2b2ae3d);
  return mixed ^ (mixed >>> 15);
}

function set(bits: Uint32Array, at: number): void {
  bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31));
}

function count(bits: Uint32Array): number {
  let sum = 0;
  for (let word of bits) for (; word !== 0; word &= word - 1) sum += 1;
  return sum;
}

/** A hash's lower bits stay where they are: half of the size holds the same grams. */
function folded(bits: Uint32Array): Uint32Array {
  const half = bits.length / 2;
  return bits.slice(0, half).map((word, at) => word | (bits[half + at] ?? 0));
}

function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
