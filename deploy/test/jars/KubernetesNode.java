import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okhttp3.mockwebserver.MockWebServer;

/**
 * Kubernetes in one process for a test: fabric8's stand-in for the API server, and a node that runs each pod's first container as a
 * process of this machine, with the pod's own arguments, environment and mounted configuration. It has no images, limits or isolation.
 *
 * <p>Usage: java KubernetesNode.java FOLDER CHECKOUT. Each pod is left in FOLDER/NAME.json as it was asked for, its output in NAME.log.
 */
public final class KubernetesNode {
  private final Path folder;
  private final String checkout;
  private final KubernetesMockServer server;
  private final KubernetesClient client;
  private final Map<String, Process> running = new HashMap<>();

  private KubernetesNode(Path folder, String checkout) {
    this.folder = folder;
    this.checkout = checkout;
    server = new KubernetesMockServer(new Context(Serialization.jsonMapper()), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    server.init(InetAddress.getLoopbackAddress(), 0);
    client = server.createClient();
  }

  public static void main(String[] args) throws Exception {
    KubernetesNode node = new KubernetesNode(Path.of(args[0]), args[1]);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> node.running.values().forEach(Process::destroyForcibly)));
    System.out.println("Kubernetes at http://127.0.0.1:" + node.server.getPort());
    while (true) {
      node.look();
      Thread.sleep(100);
    }
  }

  private void look() throws IOException {
    Map<String, Pod> pods = new LinkedHashMap<>();
    for (Pod pod : client.pods().inAnyNamespace().list().getItems()) {
      pods.put(pod.getMetadata().getName(), pod);
    }
    for (Pod pod : pods.values()) {
      String name = pod.getMetadata().getName();
      Process process = running.get(name);
      if (process == null) {
        Files.writeString(folder.resolve(name + ".json"), Serialization.asJson(pod));
        running.put(name, start(pod));
        say(pod, "Running", null);
      } else if (!process.isAlive() && "Running".equals(pod.getStatus().getPhase())) {
        say(pod, process.exitValue() == 0 ? "Succeeded" : "Failed", process.exitValue());
      }
    }
    for (Map.Entry<String, Process> entry : running.entrySet()) {
      if (!pods.containsKey(entry.getKey()) && entry.getValue().isAlive()) {
        entry.getValue().destroy();
      }
    }
  }

  private Process start(Pod pod) throws IOException {
    String name = pod.getMetadata().getName();
    Container container = pod.getSpec().getContainers().get(0);
    Map<String, String> places = places(pod, container);
    Map<String, String> environment = new LinkedHashMap<>();
    for (EnvVar variable : container.getEnv()) {
      environment.put(variable.getName(), local(value(variable, name), places));
    }
    List<String> command = new ArrayList<>(List.of(checkout + "/deploy/kubernetes/entrypoint"));
    for (String argument : container.getArgs()) {
      String word = argument;
      for (Map.Entry<String, String> variable : environment.entrySet()) {
        word = word.replace("$(" + variable.getKey() + ")", variable.getValue());
      }
      command.add(local(word, places));
    }
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().putAll(environment);
    return builder.directory(folder.toFile()).start();
  }

  private static String value(EnvVar variable, String pod) {
    if (variable.getValueFrom() == null || variable.getValueFrom().getFieldRef() == null) {
      return variable.getValue() == null ? "" : variable.getValue();
    }
    return switch (variable.getValueFrom().getFieldRef().getFieldPath()) {
      case "status.podIP", "status.hostIP" -> "127.0.0.1";
      case "metadata.name" -> pod;
      default -> throw new IllegalArgumentException("Cannot tell " + variable);
    };
  }

  /** Folders of this machine for what the pod mounts. */
  private Map<String, String> places(Pod pod, Container container) throws IOException {
    Map<String, String> places = new LinkedHashMap<>();
    for (VolumeMount mount : container.getVolumeMounts()) {
      places.put(mount.getMountPath(), Files.createDirectories(folder.resolve(pod.getMetadata().getName() + ".mounts").resolve(mount.getName())).toString());
    }
    for (Volume volume : pod.getSpec().getVolumes()) {
      if (volume.getConfigMap() != null) {
        ConfigMap map = client.configMaps().inNamespace(pod.getMetadata().getNamespace()).withName(volume.getConfigMap().getName()).get();
        Path place = folder.resolve(pod.getMetadata().getName() + ".mounts").resolve(volume.getName());
        Files.createDirectories(place);
        for (Map.Entry<String, String> file : map.getData().entrySet()) {
          String as = volume.getConfigMap().getItems().stream().filter(item -> item.getKey().equals(file.getKey())).map(item -> item.getPath()).findFirst().orElse(file.getKey());
          Files.writeString(place.resolve(as), local(file.getValue(), places));
        }
      }
    }
    return places;
  }

  /** What a name means outside the pod: mounted folders, the image's folder, the cluster's names. */
  private String local(String text, Map<String, String> places) {
    String result = text;
    for (Map.Entry<String, String> place : places.entrySet()) {
      result = result.replace(place.getKey(), place.getValue());
    }
    return result.replace("/opt/rtcn", checkout)
        .replace("https://kubernetes.default.svc", "http://127.0.0.1:" + server.getPort())
        .replaceAll("[\\w-]+-driver-svc\\.\\w+\\.svc", "127.0.0.1");
  }

  private void say(Pod pod, String phase, Integer exit) {
    String container = pod.getSpec().getContainers().get(0).getName();
    ContainerStatusBuilder status = new ContainerStatusBuilder().withName(container).withReady(exit == null).withRestartCount(0);
    ContainerStatus one = exit == null
        ? status.withNewState().withNewRunning().endRunning().endState().build()
        : status.withNewState().withNewTerminated().withExitCode(exit).withReason(exit == 0 ? "Completed" : "Error").endTerminated().endState().build();
    Pod changed = new PodBuilder(pod).editOrNewStatus().withPhase(phase).withPodIP("127.0.0.1").withContainerStatuses(one).endStatus().build();
    client.pods().inNamespace(pod.getMetadata().getNamespace()).resource(changed).updateStatus();
    System.out.println(pod.getMetadata().getName() + ": " + phase + (exit == null ? "" : " " + exit));
  }
}
