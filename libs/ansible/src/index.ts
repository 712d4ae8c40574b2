export * from './credential-directory';
export * from './guest-logins';
export * from './local-ansible';
export * from './ssh-guest-shell';
export * from './winrm-login';
export * from './syntax/local-syntax-checker';
export * from './projects/local-git-source';
