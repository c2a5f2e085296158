import { enableCompileCache, flushCompileCache } from 'node:module'

// Types are stripped at every start; what was stripped once is kept. This file has none: to load what strips them takes as long as most verbs.
enableCompileCache()
const { createProcessIo } = await import('./process-io.ts')
const { runCli } = await import('./program.ts')
const { loadVerbs } = await import('./load-verbs.ts')
const args = process.argv.slice(2)
const verbs = await loadVerbs(args)
// Now, not at the end: some serve for weeks.
flushCompileCache()

process.exitCode = await runCli(args, verbs, createProcessIo())
