// What of a browser goes into EncodedData of UserContextData and ContextData: the stand-in for the script that AWS serves as
// amazon-cognito-advanced-security-data.min.js, with the same name and the same call. Amplify and
// amazon-cognito-identity-js use it where a page has loaded it (docs/cognito/identity-security.md 4.2).
globalThis.AmazonCognitoAdvancedSecurityData = (() => {
  const VERSION = "JS20171115";
  const KEPT_AS = "poolkeeper.device";
  const bytes = (text) => new TextEncoder().encode(text);
  const base64 = (given) => btoa(Array.from(given, (one) => String.fromCharCode(one)).join(""));

  // SHA-256 (FIPS 180-4): what the browser has of its own answers later, and getData answers at once. The constants are the
  // first bits of the fractions of roots of the first primes.
  const primes = [];
  for (let number = 2; primes.length < 64; number += 1) {
    if (primes.every((prime) => number % prime)) primes.push(number);
  }
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  const ROUNDS = primes.map((prime) => fraction(Math.cbrt(prime)));
  const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const turned = (word, by) => (word >>> by) | (word << (32 - by));

  const sha256 = (given) => {
    const padded = new Uint8Array(((given.length + 8) >> 6 << 6) + 64);
    padded.set(given);
    padded[given.length] = 128;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 4, given.length * 8);
    const state = [...START], words = new Int32Array(64);
    for (let block = 0; block < padded.length; block += 64) {
      for (let i = 0; i < 64; i += 1) {
        if (i < 16) {
          words[i] = view.getInt32(block + 4 * i);
          continue;
        }
        const early = words[i - 15], late = words[i - 2];
        words[i] = words[i - 16] + words[i - 7]
          + (turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)) + (turned(late, 17) ^ turned(late, 19) ^ (late >>> 10));
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i += 1) {
        const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
        const second = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, h].forEach((word, place) => { state[place] = (state[place] + word) | 0; });
    }
    const digest = new DataView(new ArrayBuffer(32));
    state.forEach((word, place) => digest.setInt32(4 * place, word));
    return new Uint8Array(digest.buffer);
  };

  const hmac = (key, message) => {
    const block = new Uint8Array(64);
    block.set(key.length > 64 ? sha256(key) : key);
    const inner = sha256(Uint8Array.of(...block.map((one) => one ^ 0x36), ...message));
    return sha256(Uint8Array.of(...block.map((one) => one ^ 0x5c), ...inner));
  };

  // The same id at each visit; where a browser keeps nothing, none, rather than a new device each time.
  const deviceId = () => {
    try {
      const kept = localStorage.getItem(KEPT_AS) || Array.from(
        crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0"),
      ).join("");
      localStorage.setItem(KEPT_AS, kept);
      return kept;
    } catch {
      return "";
    }
  };

  const timeZone = () => {
    const minutes = -new Date().getTimezoneOffset();
    const two = (number) => String(Math.floor(number)).padStart(2, "0");
    return `${minutes < 0 ? "-" : ""}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  };

  return {
    getData(username, userPoolId, clientId) {
      const contextData = {
        UserAgent: navigator.userAgent,
        DeviceId: deviceId(),
        DeviceLanguage: navigator.language,
        DevicePlatform: navigator.platform,
        ClientTimezone: timeZone(),
      };
      const payload = JSON.stringify({ contextData, username, userPoolId, timestamp: String(Date.now()) });
      const signature = base64(hmac(bytes(clientId), bytes(VERSION + payload)));
      return base64(bytes(JSON.stringify({ payload, signature, version: VERSION })));
    },
  };
})();
