import { defineConfig } from 'vite';
import { nodeApp } from '../../libs/vite.node.mts';

export default defineConfig(nodeApp('local'));
