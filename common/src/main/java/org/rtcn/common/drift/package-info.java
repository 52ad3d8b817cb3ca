/** Whether recordings and answers of one night are like those of the nights before. */
package org.rtcn.common.drift;
