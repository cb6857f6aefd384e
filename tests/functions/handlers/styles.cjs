// The same for CommonJS: exports by name, and the one object that hides its names from an importer.

const handlers = {
  returning: async (event) => ({ ...event, response: { style: "CommonJS" } }),
  calling: (event, context, callback) => callback(null, "called back"),
};

module.exports = Object.fromEntries(Object.entries(handlers));
