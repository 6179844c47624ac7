/**
 * The sample states of the payer's page, served as the gateway serves them: its own style, script and headers, and the
 * language by the link. A page stays as it is, however often it looks for news.
 */
import { randomInt } from 'node:crypto';
import fastify from 'fastify';
import type { Notice } from '../../checkout/src/notice.ts';
import { notFoundPage, renderPage } from '../../checkout/src/page.ts';
import { type Language, languages, type PageState, type Screen } from '../../checkout/src/page-state.ts';
import { renderMain } from '../../checkout/src/render-main.ts';
import { now, screens, stateOf } from '../../checkout/test/samples.ts';
import { freePort } from '../../server/src/dev/free-port.ts';
import { assetsRoute, assetUrls, readAssets } from '../../server/src/http/checkout-api/assets.ts';
import { compressText } from '../../server/src/http/checkout-api/compress.ts';
import { addHeaders } from '../../server/src/http/checkout-api/headers.ts';

type Sample = { screen: Screen; more?: Partial<PageState>; notice?: Notice };

/** One of the usual screens with another sum. */
function withAmount(name: string, amount: string): Screen {
  const screen = screens[name]!;
  return 'due' in screen && screen.due ? ({ ...screen, due: { ...screen.due, amount } } as Screen) : screen;
}

const merchant = (name: string) => ({ ...stateOf(screens.choose!).merchant, name });
const unbroken = { merchant: merchant('W'.repeat(64)), description: 'M'.repeat(64) };

/** What nobody would call usual, and what must not break the page. */
const odd: Record<string, Sample> = {
  ending: { screen: screens.awaiting!, more: { createdAt: now - 26 * 60_000, expireAt: now + 4 * 60_000 } },
  refused: { screen: screens.awaiting!, notice: 'payment_seen' },
  huge: {
    screen: withAmount('awaiting', '123456789012.345678901234567891'),
    more: { price: { amount: '123456789012345.12345678', currency: 'EUR' } },
  },
  hugePaid: { screen: withAmount('paid', '123456789012.345678901234567891') },
  unbroken: { screen: screens.awaiting!, more: unbroken },
  unbrokenEnd: { screen: screens.expired!, more: unbroken },
  rightToLeft: {
    screen: screens.paid!,
    more: { merchant: merchant('متجر القهوة ‏"النجمة"'), description: 'قهوة ١٢' },
  },
};

const samples: Record<string, Sample> = {
  ...Object.fromEntries(Object.entries(screens).map(([name, screen]) => [name, { screen }])),
  ...odd,
};

const UNKNOWN = 'unknown';

/** The names of all pages that are served. */
export const sampleNames: readonly string[] = [...Object.keys(samples), UNKNOWN];

/** The names of the usual ones: a screen each. */
export const screenNames: readonly string[] = [...Object.keys(screens), UNKNOWN];

/** Every screen in every language, and what is odd in one language each. */
export const visits: readonly [name: string, language: Language][] = [
  ...screenNames.flatMap(name => languages.map(language => [name, language] as [string, Language])),
  ...Object.keys(odd).map((name, at) => [name, languages[at % languages.length]!] as [string, Language]),
];

export type SamplePages = {
  origin: string;
  url(sample: string, language: Language): string;
  close(): Promise<void>;
};

export async function openSamplePages(): Promise<SamplePages> {
  const host = '127.0.0.1';
  const app = await server();
  const port = await freePort(host, randomInt(10_000, 32_000));
  await app.listen({ host, port });
  const origin = `http://${host}:${port}`;
  return {
    origin,
    url: (sample, language) => `${origin}/payment/${sample}?lang=${language}`,
    close: () => app.close(),
  };
}

type Asked = { Params: { name: string }; Querystring: { lang: string } };

async function server() {
  const app = fastify({ forceCloseConnections: true });
  const assets = await readAssets(app);
  const urls = assetUrls(assets);
  addHeaders(app);
  compressText(app);
  await app.register(async scope => assetsRoute(scope, assets), { prefix: '/payment' });
  app.get<Asked>('/payment/:name', async ({ params, query }, reply) => {
    const state = stateNamed(params.name, query.lang);
    return reply
      .type('text/html; charset=utf-8')
      .send(
        state
          ? renderPage(state, urls, samples[params.name]?.notice)
          : notFoundPage(languageNamed(query.lang), urls),
      );
  });
  app.get<Asked>('/payment/:name/main', async ({ params, query }, reply) => {
    const state = stateNamed(params.name, query.lang);
    if (!state) return reply.code(404).send();
    return reply
      .headers({ date: new Date(now).toUTCString() })
      .type('text/html; charset=utf-8')
      .send(renderMain(state));
  });
  // Nothing ever happens here, and a browser that is told so asks no more.
  app.get('/payment/:name/events', (_request, reply) => reply.code(204).send());
  return app;
}

const languageNamed = (tag: string): Language => languages.find(language => language === tag) ?? 'en-US';

function stateNamed(name: string, lang: string): PageState | null {
  const sample = samples[name];
  return sample ? stateOf(sample.screen, languageNamed(lang), { pageId: name, ...sample.more }) : null;
}
