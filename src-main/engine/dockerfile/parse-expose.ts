import { EngineError } from '../../contract/errors.ts';
import { nearest } from './nearest.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** One expanded word of EXPOSE. */
export interface ExposedPorts {
  /** `80/tcp`, one for each port of a range. */
  readonly ports: readonly string[];
  /** Written as docker run's `-p` takes it, with an address or a port of the host, which EXPOSE ignores. */
  readonly hasHostPart: boolean;
}

interface PortRange {
  readonly first: number;
  readonly last: number;
}

const FORM = 'Write a port or a range from 0 to 65535, with /tcp, /udp or /sctp: 80, 53/udp, 8000-8010.';

function invalid(word: string, reason: string, hint = FORM): EngineError {
  return new EngineError('DOCKERFILE', `EXPOSE ${word}: ${reason}`, { hint });
}

function parsePort(text: string): number | undefined {
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
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

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/;

function checkHost(ip: string, hostPort: string, range: PortRange, word: string): void {
  const address = ip.replace(/^\[(.*)\]$/, '$1');
  if (address !== '' && !IPV4.test(address) && !IPV6.test(address))
    throw invalid(word, `invalid IP address ${ip}`);
  if (hostPort === '') return;
  const host = parseRange(hostPort);
  if (host === undefined) throw invalid(word, `invalid host port ${hostPort}`);
  const length = range.last - range.first;
  if (length !== 0 && length !== host.last - host.first) {
    throw invalid(word, 'the ranges for host and container differ in length');
  }
}

/** Ports from `port`, `first-last`, `port/protocol`, `host:container` and `address:host:container`. Throws. */
export function parseExpose(word: string): ExposedPorts {
  const parts = word.split(':');
  const [container = '', protocolText = ''] = splitOnce(parts.at(-1) ?? '', '/');
  const hostPort = parts.at(-2) ?? '';
  const ip = parts.slice(0, -2).join(':');
  if (container === '') throw invalid(word, 'there is no port');
  const protocol = parseProtocol(protocolText, word);
  const range = parseRange(container);
  if (range === undefined) throw invalid(word, `invalid port ${container}`);
  checkHost(ip, hostPort, range, word);
  const count = range.last - range.first + 1;
  return {
    ports: Array.from({ length: count }, (_, i) => `${range.first + i}/${protocol}`),
    hasHostPart: ip !== '' || hostPort !== '',
  };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
