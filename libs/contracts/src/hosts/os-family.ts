/** Families of guest operating systems whose base playbook we ship. */
export const OS_FAMILIES = ['debian', 'redhat', 'windows'] as const;
export type OsFamily = (typeof OS_FAMILIES)[number];
