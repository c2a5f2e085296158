export { Aggregate } from './aggregate.ts'
export { agreementTypes } from './agreement.ts'
export {
  type BandType,
  type FieldDefinition,
  type FormChange,
  type FormStep,
  type KindDefinition,
  Sensitivity,
  type SupplierNaming,
} from './define-kind.ts'
export {
  type FieldOutcome,
  fieldsOf,
  formStepsOf,
  identityOf,
  jsonSchemaOf,
  Kind,
  kinds,
  parseFieldValue,
  supplierFieldsOf,
} from './kinds.ts'
export { MAX_TOPIC, topicFieldOf, topicsIn } from './topic.ts'
export { CalendarDate, LeadTime, Money, Percent, Place, Plain, Quantity, Rate } from './value.ts'
