/** What the server calls: a state in, a page out. */
// biome-ignore-all lint/performance/noBarrelFile: a package has one entry, and this is it.
export { negotiateLanguage } from './language.ts';
export { type LinkNotice, type LinkState, renderLink } from './link-page.ts';
export type { Notice } from './notice.ts';
export { type Assets, notFoundPage, renderPage } from './page.ts';
export {
  type Due,
  type Exit,
  type Language,
  type Late,
  languages,
  type Method,
  type More,
  type PageState,
  type Received,
  type Refund,
  type Screen,
  type Simulated,
} from './page-state.ts';
export { qrCode } from './qr.ts';
export { renderMain } from './render-main.ts';
export { style } from './style.ts';
