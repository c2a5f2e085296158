export { answeredRoot } from './answered-root.ts'
export { askRoot } from './ask-root.ts'
export { initRoot } from './init-root.ts'
export { type InstalledAnswer, installAnswer } from './install-answer.ts'
export {
  answerRequest,
  digestOfRequest,
  formatAnswer,
  openRequest,
  RootDocument,
  type RootRequest,
} from './request.ts'
export { type InstalledSuccession, installSuccession, succeedRoot } from './succeed-root.ts'
