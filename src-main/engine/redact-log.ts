const SECRET_FIELDS =
  'password|passwd|token|secret|auth|identitytoken|registrytoken|access_token|refresh_token|authorization';

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi, '$1 [redacted]'],
  [/(:\/\/)[^/\s:@"]+:[^/\s@"]+@/g, '$1[redacted]@'],
  [new RegExp(String.raw`("(?:${SECRET_FIELDS})"\s*:\s*)"(?:[^"\\]|\\.)*"`, 'gi'), '$1"[redacted]"'],
  // The same in a document that is a string of another one.
  [
    new RegExp(String.raw`(\\"(?:${SECRET_FIELDS})\\"\s*:\s*\\")(?:[^"\\]|\\\\(?:\\["\\])?|\\[a-z])*`, 'gi'),
    '$1[redacted]',
  ],
  [/([?&](?:token|sig|signature|x-amz-signature|x-amz-credential)=)[^&\s"]+/gi, '$1[redacted]'],
  [/\b((?:password|refresh_token|access_token)=)[^&\s"]+/gi, '$1[redacted]'],
];

/** The same line without credentials: headers, user names in URLs, signed queries, fields named like secrets (S13). */
export function redactSecrets(line: string): string {
  return PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
