import { enableCompileCache, flushCompileCache } from 'node:module'

// Types are stripped at every start; what was stripped once is kept, so that a verb answers in half the time.
enableCompileCache()
const { createProcessIo } = await import('./process-io.ts')
const { runCli } = await import('./program.ts')
const { verbs } = await import('./verbs/index.ts')
// Now, not at the end: `demo` starts five more of these.
flushCompileCache()

process.exitCode = await runCli(process.argv.slice(2), verbs, createProcessIo())
