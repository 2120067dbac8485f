# SPDX-License-Identifier: Apache-2.0
"""The kubelet's pod-resources service, v1, as its public api.proto has it, and a server of it."""

from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# message -> fields in order of their numbers: name, type ("*" = repeated); None: not used here.
MESSAGES = {
    "ListPodResourcesResponse": ["*pod_resources PodResources"],
    "PodResources": ["name", "namespace", "*containers ContainerResources"],
    "ContainerResources": [
        "name",
        "*devices ContainerDevices",
        "*cpu_ids int64",
        "*memory ContainerMemory",
        "*dynamic_resources DynamicResource",
    ],
    "ContainerMemory": ["memory_type", "size uint64", "topology TopologyInfo"],
    "ContainerDevices": ["resource_name", "*device_ids", "topology TopologyInfo"],
    "TopologyInfo": ["*nodes NUMANode"],
    "NUMANode": ["ID int64"],
    "DynamicResource": [
        None,
        "claim_name",
        "claim_namespace",
        "*claim_resources ClaimResource",
    ],
    "ClaimResource": ["*cdi_devices CDIDevice", "driver_name", "pool_name", "device_name"],
    "CDIDevice": ["name"],
}


def _types():
    file = descriptor_pb2.FileDescriptorProto(name="pod.proto", package="v1", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, text in enumerate(fields, 1):
            if text is None:
                continue
            label = kinds.LABEL_REPEATED if text.startswith("*") else kinds.LABEL_OPTIONAL
            field_name, _, kind = text.lstrip("*").partition(" ")
            field = message.field.add(name=field_name, number=number, label=label)
            field.type = {
                "": kinds.TYPE_STRING,
                "int64": kinds.TYPE_INT64,
                "uint64": kinds.TYPE_UINT64,
            }.get(kind, kinds.TYPE_MESSAGE)
            if field.type == kinds.TYPE_MESSAGE:
                field.type_name = f".v1.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"v1.{name}"))
        for name in MESSAGES
    }


TYPES = _types()


def answer(pods):
    """A serialised ListPodResourcesResponse; `pods` as a list of dicts in the messages' shape."""
    return TYPES["ListPodResourcesResponse"](pod_resources=pods).SerializeToString()


def serve(root, reply):
    """A kubelet below `root`; `reply(context)` gives the serialised answer, or aborts."""
    path = Path(root) / "var/lib/kubelet/pod-resources/kubelet.sock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = grpc.method_handlers_generic_handler(
        "v1.PodResourcesLister",
        {"List": grpc.unary_unary_rpc_method_handler(lambda _, context: reply(context))},
    )
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
    server.add_generic_rpc_handlers((handler,))
    server.add_insecure_port(f"unix:{path}")
    server.start()
    return server
