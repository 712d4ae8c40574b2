export { guestKey } from './guest-key';
export { guestPassword } from './guest-password';
export { LabError } from './lab-error';
export { guestsAt } from './lab-guests';
export type { LabGuests } from './lab-guests';
export { startLab } from './lab';
export type { Lab, LabOptions } from './lab';
export { rulesAt } from './lab-rules';
export type { HeldCall, LabRule, LabRuleAction, LabRules } from './lab-rules';
