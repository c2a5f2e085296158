import { type Answer, createPerformer, type Task, type Tools } from './task.ts'

/**
 * Many tasks, and who takes the answers. Tasks are made as they are asked for, so that few are in memory at once; answers are
 * taken in the order of the tasks, whoever performed them: what an audit finds does not depend on how many did.
 */
export interface Work {
  readonly tasks: Iterable<Task>
  readonly take: (answer: Answer) => void
}

/** An audit that hands out its work and goes on when all answers are taken. */
export type Working<T> = Generator<Work, T, undefined>

/** Performs work elsewhere: takes every answer, in the order of the tasks. */
export type Workforce = (work: Work) => Promise<void>

/** Does all the work here, one task after the other. */
export function workAlone<T>(working: Working<T>, tools: Tools): T {
  const perform = createPerformer(tools)
  for (;;) {
    const next = working.next()
    if (next.done === true) return next.value
    for (const task of next.value.tasks) next.value.take(perform(task))
  }
}

/** Has the work done by others. */
export async function workWith<T>(working: Working<T>, workforce: Workforce): Promise<T> {
  for (;;) {
    const next = working.next()
    if (next.done === true) return next.value
    await workforce(next.value)
  }
}
