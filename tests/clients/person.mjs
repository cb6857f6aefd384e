/** What does a person do who has no browser at hand? They follow redirects, keep cookies, and send the forms of pages. */

import assert from 'node:assert/strict';

const NAMED = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#34;': '"', '&#39;': "'" };

/** Return the attributes of a tag as it stands in the page. */
function attributes(tag) {
  const found = [...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].slice(1);
  return Object.fromEntries(
    found.map(([, name, value = '']) => [name, value.replace(/&(?:amp|lt|gt|quot|#34|#39);/g, (one) => NAMED[one])]),
  );
}

/** Return the forms of a page: where each goes, and its inputs with what they hold. */
function formsOf(html) {
  return [...html.matchAll(/(<form\b[^>]*>)(.*?)<\/form>/gs)].map(([, tag, inside]) => {
    const inputs = [...inside.matchAll(/<input\b[^>]*>/g)].map(([input]) => attributes(input));
    return { ...attributes(tag), fields: Object.fromEntries(inputs.map((input) => [input.name, input.value ?? ''])) };
  });
}

export class Person {
  #cookies = new Map();

  /** `home` is where the application waits: a redirect there is not followed. */
  constructor(home) {
    this.home = home;
  }

  /** Go to an address and on where it leads, as far as a page or the application: `{ url, html }`, or `{ home }`. */
  async open(url, init = {}) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...init.headers, ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) this.#keep(line);

    const location = response.headers.get('location');
    if (!location) return { url: `${url}`, status: response.status, html: await response.text() };
    const next = new URL(location, url);
    if (next.href.startsWith(this.home)) return { home: next };
    assert.equal(next.origin, new URL(url).origin, 'pages stay where they are');
    return this.open(next);
  }

  /** Fill in the form that has these fields, with all that it holds already, and send it. */
  async send(page, given) {
    assert.ok(page.html, `a page was expected, not ${page.home}`);
    const form = formsOf(page.html).find(({ fields }) => Object.keys(given).every((name) => name in fields));
    assert.ok(form, `no form at ${page.url} (${page.status}) asks for ${Object.keys(given)}:\n${page.html}`);
    return this.open(new URL(form.action ?? '', page.url), {
      method: 'POST',
      body: new URLSearchParams({ ...form.fields, ...given }),
    });
  }

  #keep(line) {
    const [pair, ...rest] = line.split('; ');
    const at = pair.indexOf('=');
    if (rest.some((one) => one.toLowerCase() === 'max-age=0')) this.#cookies.delete(pair.slice(0, at));
    else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}
