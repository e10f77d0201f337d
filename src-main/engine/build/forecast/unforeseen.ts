/** In a forecast: what cannot be known without building. The message says why, for a reader. */
export class Unforeseen extends Error {
  override readonly name = 'Unforeseen';
}
