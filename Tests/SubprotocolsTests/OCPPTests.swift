import Testing

@testable import Subprotocols

/// OCPP-J: the examples of OCPP-J 1.6 §4 and of OCPP 2.1 part 4, and what they forbid.
struct OCPPTests {
  @Test("calls of both ends are linked to their results, even with the same id")
  func pairs() throws {
    let peers = ViewTester("ocpp1.6")
    let call = try #require(
      peers.text(
        #"[2, "19223201", "BootNotification", {"chargePointVendor": "VendorX", "chargePointModel": "SingleSocketCharger"}]"#
      ))
    #expect(
      call.text
        == #"{"name":"ocpp","message_type":"CALL","id":"19223201","action":"BootNotification","payload":{"chargePointVendor": "VendorX", "chargePointModel": "SingleSocketCharger"}}"#
    )
    #expect(
      call.words
        == #"OCPP CALL BootNotification #19223201 {"chargePointVendor": "VendorX", "chargePointModel": "SingleSocketCharger"}"#
    )
    _ = peers.text(#"[2,"19223201","Reset",{"type":"Soft"}]"#, fromClient: false)
    let result = try #require(
      peers.text(#"[3,"19223201",{"status":"Accepted","interval":300}]"#, fromClient: false))
    #expect(
      result.text
        == #"{"name":"ocpp","message_type":"CALLRESULT","id":"19223201","reply_to":1,"latency":0.002000000,"action":"BootNotification","payload":{"status":"Accepted","interval":300}}"#
    )
    #expect(
      result.words == #"OCPP CALLRESULT of BootNotification #19223201 {"status":"Accepted","interval":300}"#)
    let error = try #require(
      peers.text(#"[4,"19223201","NotSupported","no \"reset\"",{"a":1}]"#))
    #expect(error["action"] == "Reset")
    #expect(error["error_code"] == "NotSupported")
    #expect(error["error_details.a"] == "1")
    #expect(error.words == #"OCPP CALLERROR of Reset NotSupported "no "reset"" #19223201 {"a":1}"#)
    #expect(error.replies.map(\.isError) == [true])
    #expect(peers.faults.isEmpty)
  }

  @Test("2.1: a result that is refused, and a message that wants no reply")
  func refusedResult() throws {
    let peers = ViewTester("ocpp2.1")
    _ = peers.text(#"[2,"1","Heartbeat",{}]"#)
    _ = peers.text(#"[3,"1",{"currentTime":7}]"#, fromClient: false)
    let refused = try #require(
      peers.text(#"[5,"1","TypeConstraintViolation","no time",{}]"#))
    #expect(
      refused.text
        == #"{"name":"ocpp","message_type":"CALLRESULTERROR","id":"1","reply_to":2,"action":"Heartbeat","error_code":"TypeConstraintViolation","error_description":"no time","error_details":{}}"#
    )
    let send = try #require(peers.text(#"[6,"2","NotifyPeriodicEventStream",{"id":1}]"#))
    #expect(send.requests.isEmpty)
    #expect(send.words == #"OCPP SEND NotifyPeriodicEventStream #2 {"id":1}"#)
    #expect(peers.faults.isEmpty)
  }

  @Test("what breaks the rules is told")
  func malformed() {
    let peers = ViewTester("ocpp1.6")
    func faults(_ text: String) -> [String] {
      _ = peers.text(text)
      return peers.faults.map { String($0.dropFirst("OCPP-J: ".count)) }
    }
    #expect(faults(#"[2,"1","Heartbeat"]"#) == ["CALL of 3 elements instead of 4"])
    #expect(faults(#"[2,1,2,3]"#) == ["the id is no string", "the action is no string", "the payload is no object"])
    #expect(
      faults(#"[3,"1234567890123456789012345678901234567",[]]"#)
        == ["an id of more than 36 characters", "the payload is no object"])
    #expect(faults(#"[7,"1"]"#) == ["no message has the type 7"])
    #expect(faults("[]") == ["no type of message"])
    #expect(faults(#"[6,"1","A",{}]"#) == ["SEND is of OCPP 2.1"])
    #expect(faults(#"[4,"1",2,3,4]"#).count == 3)
    #expect(faults(#"[4,"1","NoSuchCode","",{}]"#) == ["unknown error code: NoSuchCode"])
    #expect(faults(#"[4,"1","OccurenceConstraintViolation","",{}]"#).isEmpty)
    let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    #expect(faults(#"[2,"1","Heartbeat",{"a":\#(deep)}]"#).isEmpty)
    #expect(peers.text(#"[2,"1","Heartbeat",{"a":\#(deep)}]"#)?["cut"] == "true")
    #expect(faults(#"[2,"1","Heartbeat",{}"#) == ["no JSON text"])
    #expect(peers.read(Array(#"[2,"1","Heartb"#.utf8), isText: true, isWhole: false) != nil)
    #expect(peers.faults.isEmpty)
  }

  @Test("a known action says what it is; other arrays do not")
  func recognition() {
    #expect(ViewTester().text(#"[2,"a","Heartbeat",{}]"#)?.name == "ocpp")
    #expect(ViewTester().text(#"[4,"a","NotSupported","",{}]"#)?.name == "ocpp")
    #expect(ViewTester().text(#"[3,"6ba7b810-9dad-11d1-80b4-00c04fd430c8",{}]"#)?.name == "ocpp")
    #expect(ViewTester(target: "/ocpp/CP1").text(#"[3,"7",{}]"#)?.name == "ocpp")
    for other in [#"[3,"7",{}]"#, #"[2,"a","hello",{}]"#, #"[2,"a","Heartbeat",[]]"#, #"[2,7,"Heartbeat",{}]"#] {
      #expect(ViewTester().text(other)?.name == "json", "\(other)")
    }
  }
}
