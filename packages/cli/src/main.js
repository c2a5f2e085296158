import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Types are stripped at every start; what was stripped once is kept: beside the code, since a folder of temporary files is one where others on the
// machine can put code for us. This file has no types: to load what strips them takes as long as most verbs.
enableCompileCache(fileURLToPath(new URL('../../../.cache/compiled', import.meta.url)))
const { createProcessIo } = await import('./process-io.ts')
const { runCli } = await import('./program.ts')
const { loadVerbs } = await import('./load-verbs.ts')
const args = process.argv.slice(2)
const verbs = await loadVerbs(args)
// Now, not at the end: some serve for weeks.
flushCompileCache()

process.exitCode = await runCli(args, verbs, createProcessIo())
