"""moto's server on a free port of this machine alone: an emulation of S3 and EMR."""

import threading

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"S3 and EMR at http://127.0.0.1:{port}", flush=True)
threading.Event().wait()
