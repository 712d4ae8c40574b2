/** Where Nest finds the configuration (`Configuration` of the runtime library). */
export const CONFIGURATION = Symbol('configuration');
