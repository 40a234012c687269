import Bytes
import JSON

/// What OCPP looks like where nothing but the message tells: the actions of its versions, and the codes of its errors.
extension OCPP {
  static func likelihood(ofTarget target: RequestTarget) -> Double {
    for part in target.segments {
      if part == "centralsystemservice" || part == "ocpp" || part == "ocppj" { return 0.9 }
      if part.hasPrefix("ocpp1.") || part.hasPrefix("ocpp2.") || part.hasPrefix("ocpp16") || part.hasPrefix("ocpp20") {
        return 0.9
      }
    }
    return 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard outline.root == .array, outline.isComplete, (3...5).contains(outline.count),
      let type = outline.integer(0, content).flatMap({ MessageType(rawValue: $0) }), outline.count == type.count,
      let id = outline[1], id.kind == .string, (1...mostOfID).contains(id.range.count),
      let last = outline[type.count - 1],
      last.kind == .objectBegin
    else { return 0 }
    switch type {
    case .callResult: return isUUID(content, id) ? 0.8 : 0.5
    case .call, .send:
      guard let action = outline[2], action.kind == .string, action.range.count <= 40 else { return 0 }
      return actions.contains(content.words(action)) ? 1 : 0.4
    case .callError, .callResultError:
      guard let code = outline[2], code.kind == .string, code.range.count <= 40, outline[3]?.kind == .string else {
        return 0
      }
      return errorCodes.contains(content.words(code)) ? 1 : 0
    }
  }

  private static func isUUID(_ content: RawSpan, _ id: JSONToken) -> Bool {
    guard id.range.count == 36 else { return false }
    for i in 0..<36 {
      let byte = content.u8(id.range.lowerBound + i)
      let isDigit = byte >= 0x30 && byte <= 0x39 || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66
      if i == 8 || i == 13 || i == 18 || i == 23 ? byte != 0x2D : !isDigit { return false }
    }
    return true
  }

  /// 1.6 spells some in another way than 2.0.1.
  static let errorCodes: Set<String> = [
    "FormatViolation", "FormationViolation", "GenericError", "InternalError", "MessageTypeNotSupported",
    "NotImplemented", "NotSupported", "OccurenceConstraintViolation", "OccurrenceConstraintViolation",
    "PropertyConstraintViolation", "ProtocolError", "RpcFrameworkError", "SecurityError", "TypeConstraintViolation",
  ]

  private static let actions: Set<String> = [
    "AFRRSignal", "AdjustPeriodicEventStream", "Authorize", "BatterySwap", "BootNotification", "CancelReservation",
    "CertificateSigned", "ChangeAvailability", "ChangeConfiguration", "ChangeTransactionTariff", "ClearCache",
    "ClearChargingProfile", "ClearDERControl", "ClearDisplayMessage", "ClearTariffs", "ClearVariableMonitoring",
    "ClearedChargingLimit", "ClosePeriodicEventStream", "CostUpdated", "CustomerInformation", "DataTransfer",
    "DeleteCertificate", "DiagnosticsStatusNotification", "ExtendedTriggerMessage", "FirmwareStatusNotification",
    "Get15118EVCertificate", "GetBaseReport", "GetCertificateChainStatus", "GetCertificateStatus",
    "GetChargingProfiles", "GetCompositeSchedule", "GetConfiguration", "GetDERControl", "GetDiagnostics",
    "GetDisplayMessages", "GetInstalledCertificateIds", "GetLocalListVersion", "GetLog", "GetMonitoringReport",
    "GetPeriodicEventStream", "GetReport", "GetTariffs", "GetTransactionStatus", "GetVariables", "Heartbeat",
    "InstallCertificate", "LogStatusNotification", "MeterValues", "NotifyAllowedEnergyTransfer", "NotifyChargingLimit",
    "NotifyCustomerInformation", "NotifyDERAlarm", "NotifyDERStartStop", "NotifyDisplayMessages",
    "NotifyEVChargingNeeds", "NotifyEVChargingSchedule", "NotifyEvent", "NotifyMonitoringReport",
    "NotifyPeriodicEventStream", "NotifyPriorityCharging", "NotifyReport", "NotifySettlement",
    "NotifyWebPaymentStarted", "OpenPeriodicEventStream", "PublishFirmware", "PublishFirmwareStatusNotification",
    "PullDynamicScheduleUpdate", "RemoteStartTransaction", "RemoteStopTransaction", "ReportChargingProfiles",
    "ReportDERControl", "RequestBatterySwap", "RequestStartTransaction", "RequestStopTransaction",
    "ReservationStatusUpdate", "ReserveNow", "Reset", "SecurityEventNotification", "SendLocalList",
    "SetChargingProfile", "SetDERControl", "SetDefaultTariff", "SetDisplayMessage", "SetMonitoringBase",
    "SetMonitoringLevel", "SetNetworkProfile", "SetVariableMonitoring", "SetVariables", "SignCertificate",
    "SignedFirmwareStatusNotification", "SignedUpdateFirmware", "StartTransaction", "StatusNotification",
    "StopTransaction", "TransactionEvent", "TriggerMessage", "UnlockConnector", "UnpublishFirmware",
    "UpdateDynamicSchedule", "UpdateFirmware", "UsePriorityCharging", "VatNumberValidation",
  ]
}
