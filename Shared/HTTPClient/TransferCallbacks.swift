import CCurl
import Glibc

// The functions libcurl calls. Each finds the slot through the context pointer it was given with the handle, and
// the slot outlives the handle's transfers because the thread keeps both.

private func slot(_ context: UnsafeMutableRawPointer?) -> TransferSlot? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<TransferSlot>.fromOpaque(context).takeUnretainedValue()
}

func receiveHead(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe slot(context)?.receiveHead(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? -1
}

func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe slot(context)?.receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? -1
}

func giveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    unsafe slot(context)?.giveBody(UnsafeMutableRawBufferPointer(start: bytes, count: size * count)) ?? 0
}

func beforeRequest(
    _ context: UnsafeMutableRawPointer?, _ remoteAddress: UnsafeMutablePointer<CChar>?,
    _ localAddress: UnsafeMutablePointer<CChar>?, _ remotePort: Int32, _ localPort: Int32
) -> Int32 {
    unsafe slot(context)?.beforeRequest() ?? CURL_PREREQFUNC_ABORT
}

/// Opens a socket to public addresses only; libcurl tries a name's next address when one is denied.
func openPublicSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let slot = unsafe slot(context), let address = unsafe address else { return -1 }
    // The structure is declared with the shortest kind of address and allocated with the longest.
    let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
    let bytes = unsafe UnsafeRawBufferPointer(
        start: UnsafeRawPointer(address) + offset, count: Int(address.pointee.addrlen))
    guard unsafe PublicAddress.isPublic(family: address.pointee.family, socketAddress: Array(bytes)) else {
        slot.stop = .addressDenied
        return -1
    }
    slot.stop = nil
    return unsafe socket(address.pointee.family, address.pointee.socktype, address.pointee.protocol)
}
