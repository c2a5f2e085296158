import { parentPort, workerData } from 'node:worker_threads'
import { targets } from './targets.ts'
import { caseOf, tryInput } from './try-target.ts'

/** Reads case after case of one target and says which it is at, so that who waits knows where it hangs. */
const { target, seed, from, seconds } = workerData as {
  readonly target: string
  readonly seed: number
  readonly from: number
  readonly seconds: number
}
const chosen = targets.find(({ name }) => name === target)
if (chosen === undefined) throw new Error(`no target ${target}`)
const untilMs = performance.now() + seconds * 1000
let number = from
do {
  parentPort?.postMessage({ at: number })
  const broken = tryInput(chosen, caseOf(chosen, seed, number))
  if (broken !== null) parentPort?.postMessage({ at: number, why: broken.why, input: broken.input })
  number++
} while (performance.now() < untilMs)
parentPort?.postMessage({ at: number, done: number - from })
