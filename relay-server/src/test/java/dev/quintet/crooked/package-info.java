/** A house that breaks every rule of {@link dev.quintet.relay.HouseRulesTest}; nothing in it runs. */
package dev.quintet.crooked;
