import type { FragmentQuestion, Task } from '../work/task.ts'
import type { Premises } from './recompose.ts'

/** Has questions answered, with the documents that they name. */
export function fragmentsTask(
  questions: readonly FragmentQuestion[],
  { policies, registers, trusted }: Pick<Premises, 'policies' | 'registers' | 'trusted'>,
): Task {
  const named = new Set(questions.map(({ policy }) => policy))
  for (const { register } of questions) if (register !== undefined) named.add(register)
  const documents: Record<string, unknown> = {}
  for (const { document, leaf } of [...policies.values(), ...registers.values()])
    if (document !== null && named.has(leaf.statement.digest))
      documents[leaf.statement.digest] = document
  return { kind: 'fragments', sender: trusted.member.nation, documents, questions }
}
