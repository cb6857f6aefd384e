// Which challenge comes next? A riddle, and after a wrong answer another one: three wrong answers are the end.
// In the way of AWS's sample for signing in without passwords: no SRP, and an async function.

export const handler = async (event) => {
  const { session, userNotFound } = event.request;
  const last = session.at(-1);
  if (session.some(({ challengeName }) => challengeName !== 'CUSTOM_CHALLENGE')) {
    Object.assign(event.response, { issueTokens: false, failAuthentication: true });
  } else if (last?.challengeResult === true && !userNotFound) {
    Object.assign(event.response, { issueTokens: true, failAuthentication: false });
  } else if (session.length >= 3) {
    Object.assign(event.response, { issueTokens: false, failAuthentication: true });
  } else {
    Object.assign(event.response, { issueTokens: false, failAuthentication: false, challengeName: 'CUSTOM_CHALLENGE' });
  }
  return event;
};
