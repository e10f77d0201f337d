const SECRET = /(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)/i;
const NO_SECRET = /(?:_|^)(?:public|file|version)(?:_|$)/i;

/** Whether a variable of this name is likely to hold a secret. */
export function isSensitiveName(name: string): boolean {
  return SECRET.test(name) && !NO_SECRET.test(name);
}
