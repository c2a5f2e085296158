import { parentPort } from 'node:worker_threads'
import { createPerformer, type Task } from '@entente/audit'
import { tools } from './tools.ts'

const perform = createPerformer(tools)
parentPort?.on('message', (task: Task) => parentPort?.postMessage(perform(task)))
