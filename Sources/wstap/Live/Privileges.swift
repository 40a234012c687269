import CLinux

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The rights that capturing needs, and decoding does not.
enum Privileges {
  /// Who nobody asked for, but root becomes.
  static let defaultUser = "nobody"

  /// What became of them.
  enum Outcome: Equatable {
    /// There were none, or they are given up.
    case dropped
    /// Now another user.
    case became(user: String)
    /// Still root, without capabilities, since `defaultUser` is no user here, or none that root can become.
    case stayedRoot
    /// Still root, without capabilities, since `defaultUser` may make no files in this folder.
    case stayedRootToWrite(folder: String)
  }

  /// They cannot be given up.
  enum Failure: Error, Equatable {
    /// There is no such user.
    case noSuchUser(String)
    /// Only root can become another user.
    case notRoot(String)
    /// The system refused, with this `errno`.
    case refused(what: String, code: Int32)
  }

  /// Gives up all that is not needed once interface and output are open, in all threads that are begun afterwards: root
  /// becomes `user`, or else `defaultUser`; anybody else loses all capabilities.
  ///
  /// - Parameter folder: where files will be made later; nil: nowhere.
  static func drop(user: String?, folder: String?) throws(Failure) -> Outcome {
    var outcome = Outcome.dropped
    if geteuid() == 0 {
      outcome = try become(user, folder)
    } else if let user, user != ownName {
      throw .notRoot(user)
    }
    #if canImport(Glibc) || canImport(Musl)
      let code = linux_drop_capabilities()
      if code != 0 { throw .refused(what: "giving up capabilities", code: code) }
      _ = linux_forbid_new_privileges()
    #endif
    return outcome
  }

  private static var ownName: String? { getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } }

  private static func become(_ user: String?, _ folder: String?) throws(Failure) -> Outcome {
    let name = user ?? defaultUser
    if name == "root" { return .dropped }
    guard let entry = getpwnam(name) ?? uid_t(name).flatMap({ getpwuid($0) }) else {
      if user == nil { return .stayedRoot }
      throw .noSuchUser(name)
    }
    let (id, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    if user == nil, let folder, !mayWrite(in: folder, entry.pointee.pw_name, id, group) {
      return .stayedRootToWrite(folder: folder)
    }
    guard initgroups(entry.pointee.pw_name, group) == 0, setgid(group) == 0, setuid(id) == 0 else {
      // Where root is root of a user namespace only, there may be no other user.
      if user == nil, geteuid() == 0 { return .stayedRoot }
      throw .refused(what: "becoming \(name)", code: errno)
    }
    // If root can be had back, nothing was given up.
    if id != 0, setuid(0) == 0 { throw .refused(what: "staying \(name)", code: EPERM) }
    return .became(user: name)
  }

  /// Whether the user `id` in `group`, called `name`, may make files in `folder`; asked by root, who is root again then.
  private static func mayWrite(in folder: String, _ name: UnsafePointer<CChar>, _ id: uid_t, _ group: gid_t) -> Bool {
    var groups = [gid_t](repeating: 0, count: 1 << 16)
    let count = getgroups(Int32(groups.count), &groups)
    guard count >= 0 else { return false }
    let ownGroup = getegid()
    defer {
      _ = seteuid(0)
      _ = setegid(ownGroup)
      _ = setgroups(Int(count), groups)
    }
    guard initgroups(name, group) == 0, setegid(group) == 0, seteuid(id) == 0 else { return false }
    return faccessat(AT_FDCWD, ArgumentText.path(folder), W_OK | X_OK, AT_EACCESS) == 0
  }
}

extension Privileges.Failure {
  /// What went wrong and what to do, as a sentence without its full stop.
  var sentence: String {
    switch self {
    case .noSuchUser(let name): "there is no user \(quoted(name)); name another one with --user"
    case .notRoot(let name): "only root can become \(quoted(name)); leave --user away"
    case .refused(let what, let code): "\(what) failed: \(SystemCalls.message(code))"
    }
  }
}
