import { isIP } from 'node:net';
import { EngineError } from '../../contract/errors.ts';
import { nearest } from './nearest.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;
type Protocol = (typeof PROTOCOLS)[number];

interface PortRange {
  readonly first: number;
  readonly last: number;
}

const FORM = 'Write a port or a range from 0 to 65535, with /tcp, /udp or /sctp: 80, 53/udp, 8000-8010.';

function invalid(word: string, reason: string, hint = FORM): EngineError {
  return new EngineError('DOCKERFILE', `EXPOSE ${word}: ${reason}`, { hint });
}

function parsePort(text: string): number | undefined {
  const port = /^\+?\d+$/.test(text) ? Number(text) : NaN;
  return port <= 65535 ? port : undefined;
}

function parseRange(text: string): PortRange | undefined {
  const [from = '', to, ...rest] = text.split('-');
  const first = parsePort(from);
  const last = to === undefined ? first : parsePort(to);
  if (first === undefined || last === undefined || rest.length > 0 || last < first) return undefined;
  return { first, last };
}

function parseProtocol(text: string, word: string): Protocol {
  const lower = text.toLowerCase();
  if (lower === '') return 'tcp';
  const known = PROTOCOLS.find((protocol) => protocol === lower);
  if (known !== undefined) return known;
  const likely = nearest(lower, PROTOCOLS);
  throw invalid(word, `invalid protocol ${text}`, likely && `Did you mean ${likely}?`);
}

function checkHost(ip: string, hostPort: string, range: PortRange, word: string): void {
  const address = ip.replace(/^\[(.*)\]$/, '$1');
  const isAddress = isIP(address) !== 0 && !address.includes('%');
  if (address !== '' && !isAddress) throw invalid(word, `invalid IP address ${ip}`);
  if (hostPort === '') return;
  const host = parseRange(hostPort);
  if (host === undefined) throw invalid(word, `invalid host port ${hostPort}`);
  const length = range.last - range.first;
  if (length !== 0 && length !== host.last - host.first) {
    throw invalid(word, 'the ranges for host and container differ in length');
  }
}

/**
 * Ports as `80/tcp`, one for each of a range, from an expanded word of EXPOSE: `port`, `first-last`,
 * `port/protocol`, `host:container` or `address:host:container`. Throws.
 */
export function parseExpose(word: string): readonly string[] {
  const { ip, hostPort, container, protocolText } = splitExpose(word);
  if (container === '') throw invalid(word, 'there is no port');
  const protocol = parseProtocol(protocolText, word);
  const range = parseRange(container);
  if (range === undefined) throw invalid(word, `invalid port ${container}`);
  checkHost(ip, hostPort, range, word);
  const count = range.last - range.first + 1;
  return Array.from({ length: count }, (_, i) => `${range.first + i}/${protocol}`);
}

/**
 * True for a port written as docker run's `-p` takes it, with an address or a port of the host, which EXPOSE
 * ignores.
 */
export function hasHostPart(word: string): boolean {
  const { ip, hostPort, container } = splitExpose(word);
  return container !== '' && (ip !== '' || hostPort !== '');
}

interface ExposeParts {
  readonly ip: string;
  readonly hostPort: string;
  readonly container: string;
  readonly protocolText: string;
}

function splitExpose(word: string): ExposeParts {
  const parts = word.split(':');
  const [container = '', protocolText = ''] = splitOnce(parts.at(-1) ?? '', '/');
  return { ip: parts.slice(0, -2).join(':'), hostPort: parts.at(-2) ?? '', container, protocolText };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
