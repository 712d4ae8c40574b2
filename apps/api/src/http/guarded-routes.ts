import { Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { DEMAND } from './access';

/** Keeps the API from starting when a route does not say what it asks of its caller. */
@Injectable()
export class GuardedRoutes implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const open = this.discovery.getControllers().flatMap(({ instance, metatype }) => {
      if (!instance || !metatype) {
        return [];
      }
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => this.isOpen(prototype[name], metatype))
        .map((name) => `${metatype.name}.${name}`);
    });
    if (open.length > 0) {
      throw new Error(`These routes have neither @Requires(…) nor @Public(): ${open.join(', ')}`);
    }
  }

  private isOpen(handler: (() => unknown) | undefined, controller: object): boolean {
    if (!handler || Reflect.getMetadata(METHOD_METADATA, handler) === undefined) {
      return false;
    }
    const demand = this.reflector.getAllAndOverride<unknown>(DEMAND, [
      handler,
      controller as never,
    ]);
    return demand === undefined;
  }
}
