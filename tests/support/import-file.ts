import { basename } from 'node:path'
import type { ImportSummary, NodeApi } from '@entente/node'

/** Reads a file into a draft and applies it. @param mapping data of a mapping, or its YAML */
export async function importFile(
  api: NodeApi,
  path: string,
  mapping: object | string,
  said = { author: 'analyst', reason: 'a test' },
): Promise<ImportSummary> {
  const text = typeof mapping === 'string' ? mapping : JSON.stringify(mapping)
  const { id } = await api.importStage({
    file: basename(path),
    path,
    mapping: { file: 'mapping.yaml', text },
    ...said,
  })
  return api.importApply({ id, author: said.author })
}
