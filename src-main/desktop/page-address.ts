/** The page's own scheme and address: local content only, an origin of its own, never file:// or http://. */
export const PAGE_SCHEME = 'app';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://varve`;

/** Where the page is loaded from: our scheme, or while developing (never in a package) Vite's server on loopback. */
export function pageUrl(devServer: string | undefined): string {
  return devServer ?? `${PAGE_ORIGIN}/index.html`;
}

/** True when `url` belongs to the page at `page`. */
export function isPageUrl(url: string, page: string): boolean {
  const [one, other] = [URL.parse(url), URL.parse(page)];
  return one !== null && other !== null && one.protocol === other.protocol && one.host === other.host;
}
