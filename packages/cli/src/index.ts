import { loadVerbs } from './load-verbs.ts'

export { EXIT, type Exit, exitOf } from './exit-codes.ts'
export { fingerprintWords } from './fingerprint.ts'
export type { Io } from './io.ts'
export { createProcessIo } from './process-io.ts'
export { runCli } from './program.ts'
export type { Session } from './session.ts'
export { defineVerb, type Outcome, type Verb } from './verb.ts'

/** Every verb. */
export const verbs = await loadVerbs()
