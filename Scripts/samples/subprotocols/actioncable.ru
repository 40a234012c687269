# The server of actioncable.py: Action Cable as Debian has it, under puma.
require "action_cable"
require "logger"

class ChatChannel < ActionCable::Channel::Base
  def subscribed
    params["room"] == "closed" ? reject : stream_from("chat")
  end

  def speak(data)
    ActionCable.server.broadcast("chat", { body: data["text"], from: "ünï" })
  end
end

class Connection < ActionCable::Connection::Base
  def connect
    reject_unauthorized_connection if request.params["token"] == "wrong"
  end
end

ActionCable.server.config.tap do |config|
  config.logger = Logger.new($stdout)
  config.cable = { "adapter" => "async" }
  config.connection_class = -> { Connection }
  config.disable_request_forgery_protection = true
  config.worker_pool_size = 2
end
run ActionCable.server
