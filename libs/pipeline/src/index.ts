export * from './interruption';
export { pause } from './attempt';
export * from './pipeline';
export * from './pipeline-runner';
export * from './run-store';
export * from './step';
export * from './step-failure';
