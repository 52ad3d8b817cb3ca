/**
 * Settings: one reference.conf that documents every key, overlays, and refusal of what is unknown.
 */
package org.rtcn.common.config;
