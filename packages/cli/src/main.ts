import { createProcessIo } from './process-io.ts'
import { runCli } from './program.ts'
import { verbs } from './verbs/index.ts'

process.exitCode = await runCli(process.argv.slice(2), verbs, createProcessIo())
