#!/usr/bin/env python3
"""Records graphql.pcap: strawberry-graphql on uvicorn as the server, gql as the client, in both protocols.

Needs tcpdump, root, and from PyPI: strawberry-graphql, starlette, uvicorn, websockets, gql[websockets]. Use: graphql_peers.py FILE
"""

import asyncio
import logging
import sys
from typing import AsyncGenerator

import strawberry
import uvicorn
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from strawberry.asgi import GraphQL

from loopback import Recording, free_port, listening


@strawberry.type
class Query:
    @strawberry.field
    def ferry(self, pier: int) -> str:
        if pier > 3:
            raise ValueError(f"no pier {pier}")
        return ["Heron", "Tern", "Gannet", "Skua"][pier]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, to: str) -> str:
        return to


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def minutes(self, start: int) -> AsyncGenerator[int, None]:
        for i in range(start, -1, -1):
            yield i
            await asyncio.sleep(0.02)


async def talk(port, protocol):
    ping = 0.03 if protocol == "graphql-transport-ws" else None
    transport = WebsocketsTransport(
        f"ws://127.0.0.1:{port}/graphql", subprotocols=[protocol], init_payload={"client": "alice"}, ping_interval=ping,
        close_timeout=0.3, connect_args={"compression": None})
    async with Client(transport=transport, fetch_schema_from_transport=False) as session:
        ferry = "query Ferry($pier: Int!) { ferry(pier: $pier) }"
        await attempt(session.execute(gql(ferry), variable_values={"pier": 1}))
        await attempt(session.execute(gql('mutation { rename(to: "Sk\\"ua") }')))
        countdown = session.subscribe(gql("subscription Countdown { minutes(start: 2) }"))
        print([result async for result in countdown])
        endless = session.subscribe(gql("subscription { minutes(start: 1000) }"))
        print(await anext(endless))
        await endless.aclose()
        await attempt(session.execute(gql("{ ferry(pier: 9) }")))
        await attempt(session.execute(gql("{ boat }")))


async def attempt(request):
    try:
        print(await request)
    except TransportQueryError as error:
        print(error)


async def main(path):
    schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)
    port = free_port()
    app = GraphQL(schema, keep_alive=True, keep_alive_interval=0.05)
    config = uvicorn.Config(app, port=port, log_level="warning", ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await listening(port)
    async with Recording(path, port):
        await talk(port, "graphql-transport-ws")
        await talk(port, "graphql-ws")
    server.should_exit = True
    await serving


logging.basicConfig(level=logging.WARNING)
logging.getLogger("gql").setLevel(logging.DEBUG)
asyncio.run(main(sys.argv[1]))
