import CPangoCairo
import PaymentModel

/// A picture in the PNG format, such as a logo.
@safe package final class PNGPicture {
    /// Width and height in points when one pixel is one point.
    package let size: Size
    let surface: OpaquePointer

    /// Points a picture may have; a larger one only costs memory and time, and it is decoded for every page it is on.
    package static let pointsMax = 1_000_000

    /// - Throws: when the bytes are no PNG, or one of too many pixels.
    package init(_ bytes: [UInt8]) throws(PageError) {
        // Read from the header first: decoding allocates what it claims.
        guard let (width, height) = Self.claimedSize(bytes) else { throw PageError("this is not a PNG picture") }
        guard width > 0, height > 0, width <= Self.pointsMax, width * height <= Self.pointsMax else {
            throw PageError(
                "the picture is \(count: width) x \(count: height) pixels: \(count: Self.pointsMax) in all are enough")
        }
        guard bytes[24] <= 8 else { throw PageError("the picture has \(bytes[24]) bits a channel: 8 are enough") }
        let reader = ByteSource(bytes)
        let made = unsafe withExtendedLifetime(reader) {
            unsafe cairo_image_surface_create_from_png_stream(
                ByteSource.read, Unmanaged.passUnretained(reader).toOpaque())
        }
        guard let made = unsafe made, unsafe cairo_surface_status(made) == CAIRO_STATUS_SUCCESS else {
            unsafe cairo_surface_destroy(made)
            throw PageError("the picture is broken: it ends early or its content does not fit its header")
        }
        unsafe surface = made
        size = Size(Double(width), Double(height))
    }

    deinit { unsafe cairo_surface_destroy(surface) }

    /// The header's width and height (PNG specification, 11.2.2).
    private static func claimedSize(_ bytes: [UInt8]) -> (width: Int, height: Int)? {
        let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        guard bytes.count >= 33, bytes.starts(with: signature), Array(bytes[12..<16]) == Array("IHDR".utf8) else {
            return nil
        }
        func number(at start: Int) -> Int { bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
        return (number(at: 16), number(at: 20))
    }
}

/// Lends bytes to the library piece by piece.
private final class ByteSource {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static let read: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, UInt32) -> cairo_status_t =
        { closure, target, length in
            guard let closure = unsafe closure, let target = unsafe target else { return CAIRO_STATUS_READ_ERROR }
            let source = unsafe Unmanaged<ByteSource>.fromOpaque(closure).takeUnretainedValue()
            let end = source.position + Int(length)
            guard end <= source.bytes.count else { return CAIRO_STATUS_READ_ERROR }
            for (offset, byte) in source.bytes[source.position..<end].enumerated() { unsafe target[offset] = byte }
            source.position = end
            return CAIRO_STATUS_SUCCESS
        }
}
