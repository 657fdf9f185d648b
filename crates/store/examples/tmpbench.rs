use sweepd_store::nanoclaw::*;
fn main(){ let root=Root::open(std::env::args().nth(1).unwrap().as_ref()).unwrap();
 for _ in 0..3 { let t=std::time::Instant::now(); let s=root.sessions().unwrap(); println!("sessions {} {:?}", s.rows.len(), t.elapsed());
 let t=std::time::Instant::now(); let mut seen=0; let mut claims=0;
 for r in &s.rows { let l=look(&LookRequest::new(root.path(), &r.agent_group_id, &r.session_id)); if let (Some(_),Some(o))=(l.inbound.seen(), l.outbound.seen()){seen+=1; claims+=o.claims.len();} else {println!("{:?}",l)} }
 let e=t.elapsed(); println!("looks {seen} claims {claims} {:?} = {:?} each", e, e/ (s.rows.len() as u32)); } }
