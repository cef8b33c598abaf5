export type {
  TransactionalOutcome,
  TransactionalProgress,
  TransactionalStep,
  DatabaseInfo,
  Driver,
  DriverCapabilities,
  DriverFactory,
  DriverSettings,
  DropReport,
  Durability,
  NonTransactionalRun,
  NonTransactionalStart,
  NonTransactionalStep,
  LockAttempt,
  LockReport,
  LockStrategy,
  Preparation,
  PreparePurpose,
  PreparedStep,
  StateChange,
  StatementFailure,
} from './driver/driver.ts'
export type {
  Inspection,
  InspectionRequest,
  InspectedObject,
  InspectedStatement,
  Observation,
} from './driver/inspection.ts'
export {
  AnswerLimitError,
  longestAnswerBytes,
  longestServerMessageBytes,
  ownStatementLimitMs,
} from './driver/answer-limits.ts'
export {
  connectionParameters,
  parameterRows,
  refuseVariables,
  unknownParameterNote,
} from './driver/connection-parameters.ts'
export type {
  ConnectionParameter,
  ConnectionParameters,
  ParameterFate,
  ParameterRow,
} from './driver/connection-parameters.ts'
export { parseSummaryEvents } from './driver/brief-events.ts'
export { statementEntry } from './driver/statement-entry.ts'
export { defineCapabilities } from './driver/driver-capabilities.ts'
export type {
  DatabaseTarget,
  DriverDescriptor,
  DriverModule,
  DriverUrlContext,
  ServerAddress,
} from './driver/driver-descriptor.ts'
export { lockKey } from './driver/lock-key.ts'
export { memoryDatabase, memoryDriver } from './driver/memory-driver.ts'
export type { MemoryDatabase, MemoryTable } from './driver/memory-driver.ts'
export { offsetOfCharacter, positionOf, statementError, textOf } from './driver/statement-error.ts'
export type {
  DropInContext,
  DropInDescriptor,
  DropInDriver,
  DropInModule,
  DropInState,
} from './driver/drop-in-driver.ts'
export { isMigrateError, MigrateError } from './errors/errors.ts'
export type {
  FailedStep,
  MigrateErrorCode,
  MigrateErrorDetails,
  MigrateErrorOptions,
} from './errors/errors.ts'
export type { StepEffect } from './run/step-effect.ts'
export { ledgerFormat, movingKinds } from './ledger/ledger.ts'
export type {
  LedgerEntry,
  LedgerEvent,
  LedgerEventKind,
  LedgerQuery,
  LedgerSnapshot,
  LinearLedger,
} from './ledger/ledger.ts'
export { maxVersion } from './plan/migration.ts'
export type { Direction, MigrationStep, Version } from './plan/migration.ts'
export type {
  ParsedScript,
  ScriptProblem,
  Statement,
  StatementList,
  StatementRole,
} from './script/statement.ts'
export {
  emptyState,
  formatState,
  formatVersion,
  sameState,
  versionFromRow,
  versionToRow,
} from './plan/version-state.ts'
export type { VersionState } from './plan/version-state.ts'
