/** Arguments that the scanner for bills of materials reads; they never become variables. */
export const SCAN_ARGUMENTS: readonly string[] = ['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'];
