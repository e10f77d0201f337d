/** What the operating system offers to keep secrets with. Only the window's process has one. */
export interface Keychain {
  /** Why it is not to be trusted with secrets on this machine; undefined when it is. */
  weakness(): Promise<string | undefined>;
  /** The text as only this user on this machine can read it again, in base64. */
  seal(text: string): Promise<string>;
  /** The inverse. UNAUTHORIZED when it was sealed by someone else, or the keychain stays locked. */
  unseal(sealed: string): Promise<string>;
}
