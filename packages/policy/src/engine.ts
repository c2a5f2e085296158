/** Version of the decision rules: stands in the inputs of every release, so that an auditor replays with the same engine. */
export const ENGINE = 'entente-policy/3'
