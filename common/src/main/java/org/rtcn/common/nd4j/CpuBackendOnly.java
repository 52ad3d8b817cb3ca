package org.rtcn.common.nd4j;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;

/**
 * Hides ND4J's CUDA backend from the service look-up by which ND4J finds its backends: it would be
 * tried first, and on a GPU that it has no machine code for it starts and then fails.
 */
final class CpuBackendOnly extends ClassLoader {
  private static final String SERVICES = "META-INF/services/org.nd4j.linalg.factory.Nd4jBackend";
  private static final String CPU = "org.nd4j.linalg.cpu.nativecpu.CpuBackend";

  CpuBackendOnly(ClassLoader parent) {
    super(parent);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    if (!name.equals(SERVICES)) {
      return super.getResources(name);
    }
    return Collections.enumeration(Collections.singleton(text(CPU + "\n")));
  }

  @SuppressWarnings("deprecation")
  private static URL text(String content) throws IOException {
    URLStreamHandler handler =
        new URLStreamHandler() {
          @Override
          protected URLConnection openConnection(URL url) {
            return new URLConnection(url) {
              @Override
              public void connect() {
                // Nothing to connect to.
              }

              @Override
              public InputStream getInputStream() {
                return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
              }
            };
          }
        };
    return new URL("rtcn", "", 0, "/cpu-backend", handler);
  }
}
