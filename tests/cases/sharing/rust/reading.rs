// [struct]
#[repr(C)]
pub struct Reading {
    pub id: u32,
    pub value: f64,
    pub kind: u8,
    pub name: *const u8,
    pub name_len: u32,
    pub release: Option<unsafe extern "C" fn(*mut Reading)>,
}
const _: () = assert!(size_of::<Reading>() == 32 && core::mem::offset_of!(Reading, name) == 20);

#[repr(C)]
pub struct Text {
    pub ptr: *const u8,
    pub len: u32,
}
// [/struct]
