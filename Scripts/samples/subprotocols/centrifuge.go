// The server of centrifuge_go.py: the library that Centrifugo is made of, as Debian has it, which speaks version 1 of its protocol.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/centrifugal/centrifuge"
)

func main() {
	node, err := centrifuge.New(centrifuge.DefaultConfig)
	if err != nil {
		log.Fatal(err)
	}
	node.OnConnect(func(client *centrifuge.Client) {
		client.OnSubscribe(func(event centrifuge.SubscribeEvent, reply centrifuge.SubscribeCallback) {
			if event.Channel == "closed" {
				reply(centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied)
				return
			}
			options := centrifuge.SubscribeOptions{Presence: true, JoinLeave: true}
			reply(centrifuge.SubscribeReply{Options: options}, nil)
		})
		client.OnPublish(func(event centrifuge.PublishEvent, reply centrifuge.PublishCallback) {
			reply(centrifuge.PublishReply{}, nil)
		})
		client.OnPresence(func(event centrifuge.PresenceEvent, reply centrifuge.PresenceCallback) {
			reply(centrifuge.PresenceReply{}, nil)
		})
		client.OnRPC(func(event centrifuge.RPCEvent, reply centrifuge.RPCCallback) {
			reply(centrifuge.RPCReply{Data: []byte(`{"sum":3}`)}, nil)
		})
	})
	if err := node.Run(); err != nil {
		log.Fatal(err)
	}
	socket := centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{CheckOrigin: func(*http.Request) bool { return true }})
	http.HandleFunc("/connection/websocket", func(w http.ResponseWriter, r *http.Request) {
		user := &centrifuge.Credentials{UserID: "7", Info: []byte(`{"name":"ünï"}`)}
		socket.ServeHTTP(w, r.WithContext(centrifuge.SetCredentials(context.Background(), user)))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:18768", nil))
}
