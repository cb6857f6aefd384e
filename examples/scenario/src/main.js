/** What can be done on the page? Sign in, and put, read and list files under one's own prefix of the store. */

import { fetchAuthSession, getCurrentUser, signIn, signOut } from 'aws-amplify/auth';

import { identityOf, storeBy } from './store.js';

const element = (id) => document.getElementById(id);
const tell = (text) => { element('told').textContent = text; };
const by = () => element('by').value;

async function show() {
  const session = await fetchAuthSession();
  element('sign-in').hidden = Boolean(session.tokens);
  element('files').hidden = !session.tokens;
  if (session.tokens) {
    const { signInDetails, username } = await getCurrentUser();
    element('who').textContent = signInDetails?.loginId ?? username;
    element('identity').textContent = await identityOf();
  }
}

/** Do something when a form is sent or a button pressed, and tell what came of it. */
function on(id, event, work) {
  element(id).addEventListener(event, async (happened) => {
    happened.preventDefault();
    tell('…');
    try {
      tell(await work(Object.fromEntries(event === 'submit' ? new FormData(happened.target) : [])));
    } catch (fault) {
      tell(`${fault.name}: ${fault.message}`);
    }
  });
}

on('sign-in', 'submit', async ({ username, password }) => {
  await signIn({ username, password });
  await show();
  return 'Welcome.';
});
on('put', 'submit', async ({ name, text }) => {
  const store = await storeBy(by());
  return `Kept ${await store.put(name, text)}`;
});
on('get', 'submit', async ({ key }) => `Read ${await (await storeBy(by())).get(key)}`);
on('list', 'click', async () => `Mine: ${(await (await storeBy(by())).list()).join(', ')}`);
on('backend', 'click', async () => {
  const { tokens } = await fetchAuthSession();
  const answer = await fetch('/api/files', { headers: { Authorization: `Bearer ${tokens.idToken}` } });
  return `The backend: ${answer.status} ${await answer.text()}`;
});
on('sign-out', 'click', async () => {
  await signOut();
  await show();
  return 'Bye.';
});

await show();
