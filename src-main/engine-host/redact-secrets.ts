const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi, '$1 [redacted]'],
  [/(:\/\/)[^/\s:@"]+:[^/\s@"]+@/g, '$1[redacted]@'],
  [
    /("(?:password|passwd|token|secret|auth|identitytoken|authorization)"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    '$1"[redacted]"',
  ],
  [/([?&](?:token|sig|signature|x-amz-signature|x-amz-credential)=)[^&\s"]+/gi, '$1[redacted]'],
];

/** The same line without credentials: headers, user names in URLs, signed queries, fields named like secrets (S13). */
export function redactSecrets(line: string): string {
  return PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
