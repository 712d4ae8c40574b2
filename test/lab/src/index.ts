export { guestKey } from './guest-key';
export { LabError } from './lab-error';
export { startLab } from './lab';
export type { Lab, LabOptions } from './lab';
export type { LabRule, LabRuleAction, LabRules } from './lab-rules';
