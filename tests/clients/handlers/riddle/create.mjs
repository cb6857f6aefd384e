// What is asked? The riddles of the function's environment, one after the other: the metadata says which was asked last.

const riddles = JSON.parse(process.env.RIDDLES);

export const handler = async (event) => {
  const { session } = event.request;
  const asked = session.length === 0 ? -1 : Number(session.at(-1).challengeMetadata.replace('RIDDLE-', ''));
  const number = (asked + 1) % riddles.length;

  event.response.publicChallengeParameters = { riddle: riddles[number].question };
  event.response.privateChallengeParameters = { answer: riddles[number].answer };
  event.response.challengeMetadata = `RIDDLE-${number}`;
  return event;
};
